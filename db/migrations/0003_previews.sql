CREATE TABLE "planned_records" (
	"staged_on" date NOT NULL,
	"execution_id" uuid NOT NULL,
	"sort_key" text collate "C" NOT NULL,
	"round" integer NOT NULL,
	"match_key" text,
	"before" text,
	"after" text NOT NULL,
	"warnings" text,
	CONSTRAINT "planned_records_staged_on_execution_id_sort_key_pk" PRIMARY KEY("staged_on","execution_id","sort_key")
) PARTITION BY RANGE ("staged_on");
--> statement-breakpoint
CREATE TABLE "previews" (
	"preview_id" uuid PRIMARY KEY NOT NULL,
	"mode" text NOT NULL,
	"sample_above" integer,
	"sample_records" integer,
	"exact" boolean,
	"total" bigint,
	"report" text
);
--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "purpose" text DEFAULT 'run' NOT NULL;--> statement-breakpoint
ALTER TABLE "previews" ADD CONSTRAINT "previews_preview_id_executions_execution_id_fk" FOREIGN KEY ("preview_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "planned_records_by_key" ON "planned_records" USING btree ("execution_id","match_key");
--> statement-breakpoint
-- Creates the partitions of the days from `first` to `last` in every table that is filed by day.
CREATE OR REPLACE FUNCTION create_day_partitions(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE day date; parent text;
BEGIN
	-- two processes that start at once would otherwise collide in the catalogue
	PERFORM pg_advisory_xact_lock(hashtext('day_partitions'));
	FOR day IN SELECT generate_series(first, last, interval '1 day')::date LOOP
		FOREACH parent IN ARRAY ARRAY['staged_records', 'later_rounds', 'mapped_records', 'batch_plans', 'planned_records'] LOOP
			EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
				parent || to_char(day, '_YYYYMMDD'), parent, day, day + 1);
		END LOOP;
	END LOOP;
END $$;
--> statement-breakpoint
-- Drops the partitions of all days before `first_kept`. Returns how many tables went.
CREATE OR REPLACE FUNCTION drop_day_partitions(first_kept date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE child record; dropped integer := 0;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('day_partitions'));
	FOR child IN
		SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
		WHERE p.relname IN ('staged_records', 'later_rounds', 'mapped_records', 'batch_plans', 'planned_records')
			AND to_date(right(c.relname, 8), 'YYYYMMDD') < first_kept
	LOOP
		EXECUTE format('DROP TABLE %I', child.relname);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END $$;
