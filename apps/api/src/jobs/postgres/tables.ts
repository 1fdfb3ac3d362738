/** Advisory lock of what only one replica may do at a time: making the tables, and making a job. */
export const TABLES_LOCK = 7_233_441;

/** The same for reserving room, which takes a moment and must not wait for the others. */
export const ROOM_LOCK = 7_233_442;

/** Own tables: pg-boss keeps which chunk is next, these keep what a job and its chunks are. Times are milliseconds since the Unix epoch. */
export const TABLES = `
CREATE SCHEMA IF NOT EXISTS sepal;
CREATE TABLE IF NOT EXISTS sepal.jobs (
  id text PRIMARY KEY,
  client text NOT NULL,
  idempotency_key text,
  fingerprint text,
  format text NOT NULL,
  charset text NOT NULL DEFAULT 'utf-8',
  spreadsheet integer NOT NULL DEFAULT 0,
  contract text NOT NULL,
  model text NOT NULL,
  version text NOT NULL,
  strict integer NOT NULL,
  status text NOT NULL DEFAULT 'queued',
  rows_done bigint NOT NULL DEFAULT 0,
  rows_bad bigint NOT NULL DEFAULT 0,
  rows_total bigint,
  created_at bigint NOT NULL,
  started_at bigint,
  finished_at bigint,
  error text,
  revision bigint NOT NULL DEFAULT 1,
  input_bytes bigint NOT NULL,
  output_bytes bigint NOT NULL DEFAULT 0,
  checksum text
);
CREATE TABLE IF NOT EXISTS sepal.job_chunks (
  id text NOT NULL REFERENCES sepal.jobs ON DELETE CASCADE,
  chunk integer NOT NULL,
  status text NOT NULL DEFAULT 'queued',
  error text,
  end_byte bigint,
  output_bytes bigint NOT NULL DEFAULT 0,
  state text,
  attempt integer NOT NULL DEFAULT 0,
  stalls integer NOT NULL DEFAULT 0,
  queue_id text NOT NULL UNIQUE,
  owner text,
  PRIMARY KEY (id, chunk)
);
DO $$ BEGIN
  -- Tables of earlier versions; asked first, because the change itself waits for every reader.
  IF NOT EXISTS (SELECT FROM information_schema.columns
      WHERE table_schema = 'sepal' AND table_name = 'jobs' AND column_name = 'charset') THEN
    ALTER TABLE sepal.jobs ADD COLUMN charset text NOT NULL DEFAULT 'utf-8',
      ADD COLUMN spreadsheet integer NOT NULL DEFAULT 0;
  END IF;
END $$;
CREATE UNIQUE INDEX IF NOT EXISTS jobs_key ON sepal.jobs (client, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_status ON sepal.jobs (status);
CREATE INDEX IF NOT EXISTS jobs_finished ON sepal.jobs (finished_at);
CREATE TABLE IF NOT EXISTS sepal.inputs (
  id text PRIMARY KEY,
  seen_at bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS sepal.reservations (
  id text PRIMARY KEY,
  bytes bigint NOT NULL,
  seen_at bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS sepal.input_chunks (
  id text NOT NULL REFERENCES sepal.inputs ON DELETE CASCADE,
  first_byte bigint NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (id, first_byte)
);
CREATE TABLE IF NOT EXISTS sepal.result_chunks (
  id text NOT NULL REFERENCES sepal.jobs ON DELETE CASCADE,
  chunk integer NOT NULL DEFAULT 0,
  first_byte bigint NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (id, chunk, first_byte)
);
DO $$ BEGIN
  -- Of versions in which a job was one piece: a replica of theirs fails on these tables, and takes nothing of them.
  IF EXISTS (SELECT FROM information_schema.columns
      WHERE table_schema = 'sepal' AND table_name = 'jobs' AND column_name = 'queue_id') THEN
    INSERT INTO sepal.job_chunks (id, chunk, status, output_bytes, state, attempt, stalls, queue_id, owner)
      SELECT id, 0, status, output_bytes, state, attempt, stalls, queue_id, owner FROM sepal.jobs
      WHERE status IN ('queued', 'running', 'succeeded');
    ALTER TABLE sepal.jobs ADD COLUMN checksum text, DROP COLUMN state, DROP COLUMN attempt,
      DROP COLUMN stalls, DROP COLUMN queue_id, DROP COLUMN owner;
    ALTER TABLE sepal.result_chunks ADD COLUMN chunk integer NOT NULL DEFAULT 0,
      DROP CONSTRAINT result_chunks_pkey, ADD PRIMARY KEY (id, chunk, first_byte);
  END IF;
END $$;
`;

/** The database's clock, in milliseconds since the Unix epoch: replicas need not agree on theirs. */
export const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
