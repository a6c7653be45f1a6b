-- A worker of the release before, which still runs beside this one, does not set it: a later migration is to repeat the update below.
ALTER TABLE "syncs" ADD COLUMN "last_run_at" timestamp with time zone;--> statement-breakpoint
UPDATE "syncs" s SET "last_run_at" = date_trunc('milliseconds', coalesce(e."started_at", e."scheduled_for"))
FROM "executions" e WHERE e."sync_id" = s."sync_id" AND e."number" = s."last_execution_number" AND e."purpose" = 'run';
