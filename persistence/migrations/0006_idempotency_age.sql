-- Old answers are looked for by their age; rows are added in its order.
create index idempotency_at on messaging.idempotency using brin (at) with (pages_per_range = 16, autosummarize = on);
