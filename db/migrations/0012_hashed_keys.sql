ALTER TABLE "executions" ADD COLUMN "hashed_epoch" integer;--> statement-breakpoint
ALTER TABLE "staged_records" ADD COLUMN "key_hash" text;--> statement-breakpoint
ALTER TABLE "sync_records" ADD COLUMN "key_hash" text;--> statement-breakpoint
CREATE INDEX "sync_records_by_key_hash" ON "sync_records" USING btree ("sync_id","key_hash");
--> statement-breakpoint
-- A run that knows keys by their hashes is left to workers that do so too: in an older one its work fails here, and Temporal gives it to another.
CREATE FUNCTION refuse_workers_without_hashes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'Execution % is carried out by workers of a newer release; this one leaves it to them.', NEW.execution_id;
END $$;
--> statement-breakpoint
CREATE TRIGGER executions_need_workers_with_hashes BEFORE UPDATE OF epoch ON executions FOR EACH ROW
	WHEN (OLD.hashed_epoch IS NOT NULL AND NEW.epoch > OLD.epoch AND NEW.hashed_epoch IS DISTINCT FROM NEW.epoch)
	EXECUTE FUNCTION refuse_workers_without_hashes();
