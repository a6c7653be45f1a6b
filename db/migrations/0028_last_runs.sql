ALTER TABLE "syncs" ADD COLUMN "last_run_at" timestamp with time zone;--> statement-breakpoint
UPDATE "syncs" s SET "last_run_at" = date_trunc('milliseconds', coalesce(e."started_at", e."scheduled_for"))
FROM "executions" e WHERE e."sync_id" = s."sync_id" AND e."number" = s."last_execution_number" AND e."purpose" = 'run';
