CREATE TABLE "audit_chain" (
	"is_one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"begun_at" timestamp with time zone DEFAULT now() NOT NULL,
	"earlier_entries" integer NOT NULL,
	"position" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "audit_chain_is_one" CHECK ("audit_chain"."is_one")
);
--> statement-breakpoint
CREATE TABLE "audit_links" (
	"position" bigint PRIMARY KEY NOT NULL,
	"audit_id" uuid NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "audit_links_audit_id_unique" UNIQUE("audit_id")
);
--> statement-breakpoint
-- where a chain begins: it vouches for the moment, and for how many entries there were
CREATE FUNCTION audit_origin(begun_at timestamptz, earlier_entries integer) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to('sync audit ' || extract(epoch FROM begun_at) || ' ' || earlier_entries, 'UTF8'))
$$;
--> statement-breakpoint
CREATE FUNCTION audit_hash(before bytea, entry audit) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(before || convert_to(jsonb_build_array(
    entry.audit_id, extract(epoch FROM entry.at), entry.who, entry.action, entry.subject, entry.details)::text, 'UTF8'))
$$;
--> statement-breakpoint
CREATE FUNCTION chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE link record;
BEGIN
  UPDATE audit_chain SET position = position + 1, hash = audit_hash(hash, NEW) RETURNING position, hash INTO STRICT link;
  INSERT INTO audit_links (position, audit_id, hash) VALUES (link.position, NEW.audit_id, link.hash);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- As transactions commit: the chain's end is locked last and for a moment, so that no two transactions wait for each other. A release that knows
-- nothing of the chain adds to it all the same.
CREATE CONSTRAINT TRIGGER audit_is_chained AFTER INSERT ON "audit" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION chain_audit_entry();
--> statement-breakpoint
-- after the trigger, whose making waits for all who are writing: what is counted here is what has no place in the chain
INSERT INTO audit_chain (begun_at, earlier_entries, position, hash)
  SELECT begun_at, earlier, 0, audit_origin(begun_at, earlier)
  FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS begun_at, (SELECT count(*)::integer FROM audit) AS earlier) AS origin;
--> statement-breakpoint
CREATE TRIGGER audit_links_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_links"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
--> statement-breakpoint
CREATE TRIGGER audit_chain_stays BEFORE DELETE OR TRUNCATE ON "audit_chain"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
