ALTER TABLE "sync_wishes" ADD COLUMN "activation" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "activation" integer DEFAULT 0 NOT NULL;