-- Many want the same file before it is there: one of them fetches it, the others wait
-- here until it has been fetched, and then find it in nginx's cache.
--
-- nginx can do so by itself (proxy_cache_lock), but looks only twice a second whether
-- the file has come. Parts of live video come five times a second. What is waited for
-- here is known to one worker process: as many requests go through as there are those.

local semaphore = require "ngx.semaphore"

local FOLLOWS_WITHIN_S = 0.05

local together = {}
local fetches = {}

local function is_under_way(fetch)
    return fetch ~= nil and fetches[fetch.key] == fetch
end

local function let_one_go_on(_premature, fetch)
    if is_under_way(fetch) then
        fetch.done:post(1)
    end
end

-- Access phase: go on and fetch, or wait for whoever does; never for longer than
-- `patience_s`. Whoever has waited goes on in any case: a failure is not kept.
-- By HTTP/2 a body may come without a word of it before: it is not waited for.
function together.wait(key, patience_s)
    ngx.req.discard_body()
    local fetch = fetches[key]
    if fetch then
        fetch.done:wait(patience_s)
    else
        fetch = { key = key, done = semaphore.new() }
        fetches[key] = fetch
    end
    ngx.ctx.fetch = fetch
end

-- Header phase: what comes out of the cache is there for all. Else the rest follows
-- soon, but a reader who takes nothing of it (HTTP/2 with a window of no bytes) never
-- brings it to the body phase: so another goes to see whether it is in the cache.
function together.answered(cache_status)
    if cache_status == "HIT" then
        together.tell()
    elseif is_under_way(ngx.ctx.fetch) then
        ngx.timer.at(FOLLOWS_WITHIN_S, let_one_go_on, ngx.ctx.fetch)
    end
end

-- Body and log phase: all of it is here, or it has failed, or its reader hung up.
function together.tell()
    local fetch = ngx.ctx.fetch
    if is_under_way(fetch) then
        fetches[fetch.key] = nil
        local waiting = -fetch.done:count()
        if waiting > 0 then
            fetch.done:post(waiting)
        end
    end
end

return together
