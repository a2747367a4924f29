-- Many want the same file before it is there: one of them fetches it, the others wait
-- here until it has been fetched, and then find it in nginx's cache.
--
-- nginx can do so by itself (proxy_cache_lock), but looks only twice a second whether
-- the file has come. Parts of live video come five times a second. What is waited for
-- here is known to one worker process: as many requests go through as there are those.

local semaphore = require "ngx.semaphore"

local together = {}
local fetches = {}

-- Access phase: go on and fetch, or wait for whoever does; never for longer than
-- `patience_s`. Whoever has waited goes on in any case: a failure is not kept.
function together.wait(key, patience_s)
    local done = fetches[key]
    if done then
        done:wait(patience_s)
    else
        fetches[key] = semaphore.new()
        ngx.ctx.fetching = key
    end
end

-- Body and log phase: all of it is here, or it has failed, or its reader hung up.
function together.tell()
    local key = ngx.ctx.fetching
    if key then
        local done = fetches[key]
        fetches[key], ngx.ctx.fetching = nil, nil
        local waiting = -done:count()
        if waiting > 0 then
            done:post(waiting)
        end
    end
end

return together
