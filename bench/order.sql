-- What one checkout must write: a guest puts one box into the cart, then orders it
-- by bank transfer. pgbench runs this file, and sqlite_limit.c reads the same one.
\set serial :serial + 1
\set variant random(1, :variants)
BEGIN;
INSERT INTO visitor (token_digest, created_at, expires_at)
VALUES ('limit-' || :round || '-' || :client_id || '-' || :serial, :moment, :moment)
RETURNING id AS visitor_id \gset
INSERT INTO cart (visitor_id, updated_at) VALUES (:visitor_id, :moment)
RETURNING id AS cart_id \gset
INSERT INTO cart_item (cart_id, variant_id, quantity, added_at)
VALUES (:cart_id, :variant, 1, :moment)
RETURNING id AS item_id \gset
COMMIT;
BEGIN;
INSERT INTO rate_counter (bucket, window_start, hits)
VALUES ('checkout-address-limit-' || :client_id, :moment, 1)
ON CONFLICT (bucket, window_start) DO UPDATE SET hits = rate_counter.hits + 1
RETURNING hits \gset
INSERT INTO checkout (request_id, visitor_id, created_at)
VALUES ('limit-' || :round || '-' || :client_id || '-' || :serial, :visitor_id, :moment)
ON CONFLICT (request_id) DO NOTHING
RETURNING id AS checkout_id \gset
UPDATE variant SET stock = stock - 1
WHERE id = :variant AND stock >= 1 AND on_sale
RETURNING price_fen, weight_g \gset
INSERT INTO "order" (number, checkout_id, cooperative_id, token_digest, state, channel,
  payment_method, recipient, phone, province, city, district, street, goods_fen,
  freight_fen, total_fen, weight_g, split_policy_id, freight_policy_id, placed_at,
  pay_before)
VALUES ('L' || :round || '-' || :client_id || '-' || :serial, :checkout_id, 1,
  'limit-' || :round || '-' || :client_id || '-' || :serial, 'placed', 'shop',
  'bank_transfer', '李敏', '13805312026', '山东省', '济南市', '历下区',
  '解放路 112 号', :price_fen, 600, :price_fen + 600, :weight_g, 1, 1, :moment, :until)
RETURNING id AS order_id \gset
INSERT INTO state_change (record_kind, record_id, to_state, reason, at)
VALUES ('order', :order_id, 'placed', '', :moment);
INSERT INTO order_line (order_id, position, variant_id, product_id, village_id, batch_id,
  product_name, variant_name, weight_g, price_fen, quantity, goods_fen, freight_fen,
  alliance_id)
VALUES (:order_id, 0, :variant, :variant, 1, :variant, '沙土地红心蜜薯', '5 斤装',
  :weight_g, :price_fen, 1, :price_fen, 600, 1);
INSERT INTO stock_reservation (order_id, variant_id, quantity, state, expires_at)
VALUES (:order_id, :variant, 1, 'held', :until);
INSERT INTO order_access (visitor_id, order_id, granted_at)
VALUES (:visitor_id, :order_id, :moment);
INSERT INTO payment (order_id, method, state, amount_fen, currency, idempotency_key,
  attempt, reference, created_at, expires_at)
VALUES (:order_id, 'bank_transfer', 'created', :price_fen + 600, 'cny',
  'limit-' || :round || '-' || :client_id || '-' || :serial, 1, '', :moment, :until)
RETURNING id AS payment_id \gset
INSERT INTO job (kind, key, payload, due_at, attempts, last_error, created_at)
VALUES ('release_expired', 'limit-release-' || :payment_id,
  '{"payment_id": 1234567}', :until, 0, '', :moment)
ON CONFLICT (key) DO NOTHING;
INSERT INTO job (kind, key, payload, due_at, attempts, last_error, created_at)
VALUES ('send_sms', 'limit-placed-' || :order_id,
  '{"key": "sms-placed-1234567", "to": "13805312026", "body": "【田播】订单 TB-261124-ABCDEF 已收到。查进度、付款、退款都点这里：https://shop.example/orders/TB-261124-ABCDEF?token=0123456789abcdef0123456789abcdef"}',
  :moment, 0, '', :moment)
ON CONFLICT (key) DO NOTHING;
DELETE FROM cart_item WHERE id = :item_id;
UPDATE visitor SET expires_at = :until WHERE id = :visitor_id;
COMMIT;
