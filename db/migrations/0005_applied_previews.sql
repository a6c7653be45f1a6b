-- A worker of the release before would carry out an applied preview without holding back what has changed: end such workers before plans are applied.
ALTER TABLE "syncs" ADD COLUMN "applies" uuid;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "applies" uuid;
