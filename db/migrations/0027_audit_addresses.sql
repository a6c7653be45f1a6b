ALTER TABLE "audit" ADD COLUMN "address" text;--> statement-breakpoint
CREATE INDEX "audit_by_who" ON "audit" USING btree ("who","at","audit_id");
--> statement-breakpoint
-- an entry without an address has the hash that it had before: what was chained by earlier releases, and is by one that still runs, stays right
CREATE OR REPLACE FUNCTION audit_hash(before bytea, entry audit) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(before || convert_to((jsonb_build_array(
    entry.audit_id, extract(epoch FROM entry.at), entry.who, entry.action, entry.subject, entry.details)
    || CASE WHEN entry.address IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(entry.address) END)::text, 'UTF8'))
$$;
