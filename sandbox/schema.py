"""The tables of the books: documents with what they are found by, links from orders to documents,
the ledger, and series of numbers.
"""

from __future__ import annotations

#: From when on something is to happen to a document by itself, but for how long its market waits.
MOMENT = """CASE WHEN kind IN ('cancellation', 'return') THEN coalesce(
    json_extract(body, '$._.due'),
    json_extract(body, '$.seller_next_action_response[0].deadline'))
  WHEN kind = 'order' THEN CASE status
    WHEN 'UNPAID' THEN created
    WHEN 'ON_HOLD' THEN max(
      coalesce(json_extract(body, '$._.held_from'), json_extract(body, '$.paid_time'), created),
      coalesce(json_extract(body, '$.release_date'), 0) - 3600)
    WHEN 'AWAITING_SHIPMENT' THEN json_extract(body, '$.shipping_due_time')
    WHEN 'PARTIALLY_SHIPPING' THEN json_extract(body, '$.shipping_due_time')
    WHEN 'AWAITING_COLLECTION' THEN json_extract(body, '$.collection_due_time')
    WHEN 'IN_TRANSIT' THEN json_extract(body, '$.delivery_due_time')
    WHEN 'DELIVERED' THEN json_extract(body, '$.delivery_time')
    WHEN 'COMPLETED' THEN CASE WHEN json_extract(body, '$._.masked') IS NULL THEN
      coalesce(json_extract(body, '$._.completed_at'), json_extract(body, '$.delivery_time')) END
  END END"""
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS documents (
  kind TEXT NOT NULL, shop TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL,
  updated INTEGER NOT NULL, status TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (kind, shop, id));
CREATE INDEX IF NOT EXISTS by_update ON documents (kind, shop, updated, id);
CREATE INDEX IF NOT EXISTS by_creation ON documents (kind, shop, created, id);
CREATE INDEX IF NOT EXISTS by_status ON documents (kind, shop, status, updated, id);
CREATE INDEX IF NOT EXISTS asked_to_cancel ON documents (kind, shop, updated, id)
  WHERE json_extract(body, '$.is_buyer_request_cancel');
CREATE INDEX IF NOT EXISTS by_moment ON documents (kind, shop, status, {MOMENT})
  WHERE {MOMENT} IS NOT NULL;
CREATE TABLE IF NOT EXISTS links (
  kind TEXT NOT NULL, shop TEXT NOT NULL, order_id TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (kind, shop, order_id, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
  number INTEGER PRIMARY KEY, at INTEGER NOT NULL, shop TEXT NOT NULL, what TEXT NOT NULL,
  order_id TEXT NOT NULL, package_id TEXT NOT NULL, amount TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
"""
#: A killed process loses nothing so; only a machine that stops may.
SETTINGS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "cache_size = -65536",
    "mmap_size = 1073741824",
)
PUT = """INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  created = excluded.created, updated = excluded.updated, status = excluded.status,
  body = excluded.body"""
