ALTER TABLE "executions" ADD COLUMN "reading_signature" text;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "reads_all_because" text;--> statement-breakpoint
ALTER TABLE "extract_parts" ADD COLUMN "source_ids" jsonb;--> statement-breakpoint
ALTER TABLE "sync_records" ADD COLUMN "digest" bigint;--> statement-breakpoint
CREATE INDEX "sync_records_due" ON "sync_records" USING btree ("sync_id") WHERE due;