ALTER TABLE "corrections" ADD COLUMN "source_cells" text;--> statement-breakpoint
ALTER TABLE "follow_ups" ADD COLUMN "field" text;