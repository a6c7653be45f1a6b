DROP INDEX "syncs_by_status";--> statement-breakpoint
CREATE INDEX "syncs_by_status_and_age" ON "syncs" USING btree ("status","created_at","sync_id");