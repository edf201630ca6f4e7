-- The views for people. Their names and columns are stable; see docs/store.md.

CREATE VIEW assets_now AS
SELECT a.id,
       s.name AS source,
       c.scope,
       p.book,
       p.type,
       a.key,
       a.name,
       p.account,
       p.region,
       p.zone,
       p.lifecycle,
       p.shallow,
       t.state AS tags_state,
       t.tags,
       NOT coalesce(u.tags, 0) AS tags_confirmed,
       u.tag_keys AS tags_unconfirmed,
       d.attributes,
       d.unread AS attributes_unread,
       u.attributes AS attributes_unconfirmed,
       strftime('%Y-%m-%dT%H:%M:%SZ', a.created / 1000000, 'unixepoch') AS created,
       strftime('%Y-%m-%dT%H:%M:%SZ', f.started / 1000000, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%SZ', v.started / 1000000, 'unixepoch') AS changed,
       strftime('%Y-%m-%dT%H:%M:%SZ', l.started / 1000000, 'unixepoch') AS last_seen
FROM scope c
JOIN source s ON s.id = c.source_id
JOIN asset a ON a.id > (c.id << 32) AND a.id <= c.last_asset_id
JOIN placement p ON p.id = a.placement_id
JOIN tag_set t ON t.id = a.tag_set_id
LEFT JOIN attribute_set d ON d.id = a.attribute_set_id
LEFT JOIN unconfirmed u ON u.asset_id = a.id AND u.to_scan IS NULL
LEFT JOIN unseen m ON m.asset_id = a.id AND m.to_scan IS NULL
LEFT JOIN scan f ON f.id = a.first_scan
LEFT JOIN scan v ON v.id = a.from_scan
LEFT JOIN scan l ON l.id = CASE
  WHEN m.asset_id IS NULL THEN c.seen_scan
  ELSE (SELECT max(r.scan_id) FROM scope_run r
        WHERE r.scope_id = c.id AND r.scan_id < m.from_scan AND r.state IN ('ok', 'partial'))
  END
WHERE a.to_scan IS NULL;

CREATE VIEW tags_now AS
SELECT a.id AS asset_id,
       s.name AS source,
       p.book,
       p.type,
       a.key AS asset_key,
       a.name AS asset_name,
       p.account,
       p.region,
       g.key AS tag,
       g.value,
       NOT (coalesce(u.tags, 0) OR EXISTS (SELECT 1 FROM json_each(u.tag_keys) k WHERE k.value = g.key)) AS confirmed
FROM scope c
JOIN source s ON s.id = c.source_id
JOIN asset a ON a.id > (c.id << 32) AND a.id <= c.last_asset_id
JOIN placement p ON p.id = a.placement_id
JOIN tag g ON g.set_id = a.tag_set_id
LEFT JOIN unconfirmed u ON u.asset_id = a.id AND u.to_scan IS NULL
WHERE a.to_scan IS NULL;

CREATE VIEW findings_now AS
SELECT f.fingerprint,
       f.rule,
       f.severity,
       CASE WHEN f.new_scan = e.scan_id THEN 'new' ELSE f.state END AS state,
       f.source,
       f.book,
       f.type,
       f.key,
       f.name,
       f.account,
       f.region,
       f.message,
       f.confirmed,
       strftime('%Y-%m-%dT%H:%M:%SZ', f.first_seen / 1000000, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(f.last_seen, n.started) / 1000000, 'unixepoch') AS last_seen,
       e.scan_id AS scan,
       CAST(f.body AS TEXT) AS body
FROM evaluation e
JOIN scan n ON n.id = e.scan_id
JOIN finding f ON f.from_scan <= e.scan_id AND (f.to_scan IS NULL OR f.to_scan > e.scan_id)
WHERE e.scan_id = (SELECT max(scan_id) FROM evaluation);

CREATE VIEW tag_coverage_now AS
SELECT name AS tag, group_by, value, pass, fail, unknown,
       round(1.0 * pass / nullif(pass + fail, 0), 4) AS ratio,
       scan_id AS scan
FROM coverage
WHERE measure = 'tag' AND scan_id = (SELECT max(scan_id) FROM evaluation);

CREATE VIEW iac_coverage_now AS
SELECT group_by, value, pass, fail, unknown,
       round(1.0 * pass / nullif(pass + fail, 0), 4) AS ratio,
       scan_id AS scan
FROM coverage
WHERE measure = 'iac' AND scan_id = (SELECT max(scan_id) FROM evaluation);

CREATE VIEW scope_runs_now AS
SELECT s.name AS source,
       s.book,
       c.scope,
       r.state,
       r.reason,
       r.error,
       r.attempts,
       r.assets,
       r.added,
       r.changed,
       r.ended,
       r.skipped,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.started / 1000000, 'unixepoch') AS started,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.finished / 1000000, 'unixepoch') AS finished,
       round((r.finished - r.started) / 1e6, 3) AS seconds,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.data_time / 1000000, 'unixepoch') AS data_time,
       r.caller,
       r.scan_id AS scan
FROM scope c
JOIN source s ON s.id = c.source_id
JOIN scope_run r ON r.scope_id = c.id
WHERE c.retired_scan IS NULL
  AND r.scan_id = (SELECT max(scan_id) FROM scope_run WHERE scope_id = c.id);
