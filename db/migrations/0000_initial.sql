CREATE TABLE "api_keys" (
	"api_key_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"key_hash" text NOT NULL,
	"revoked" boolean DEFAULT false NOT NULL,
	"last_used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_keys_key_hash_unique" UNIQUE("key_hash")
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"audit_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"who" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "connections" (
	"connection_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"settings" jsonb NOT NULL,
	"secrets" text NOT NULL,
	"identity" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"key" text NOT NULL,
	"route" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer,
	"body" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_key_route_pk" PRIMARY KEY("key","route")
);
--> statement-breakpoint
CREATE TABLE "sync_versions" (
	"sync_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"saved_by" text NOT NULL,
	"saved_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sync_versions_sync_id_version_pk" PRIMARY KEY("sync_id","version")
);
--> statement-breakpoint
CREATE TABLE "sync_wishes" (
	"wish_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"sync_id" uuid NOT NULL,
	"execution_id" uuid,
	"kind" text NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"delivered_at" timestamp with time zone,
	"refusal" text
);
--> statement-breakpoint
CREATE TABLE "syncs" (
	"sync_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"problem" text,
	"next_run_at" timestamp with time zone,
	"last_execution_number" integer DEFAULT 0 NOT NULL,
	"activation" integer DEFAULT 0 NOT NULL,
	"activated_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "batch_plans" (
	"staged_on" date NOT NULL,
	"batch_id" uuid NOT NULL,
	"plan" text NOT NULL,
	CONSTRAINT "batch_plans_staged_on_batch_id_pk" PRIMARY KEY("staged_on","batch_id")
) PARTITION BY RANGE ("staged_on");
--> statement-breakpoint
CREATE TABLE "executions" (
	"execution_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"sync_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"version" integer NOT NULL,
	"trigger" text NOT NULL,
	"scheduled_for" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"state" text NOT NULL,
	"phase" text,
	"staged_on" date NOT NULL,
	"as_of" timestamp with time zone NOT NULL,
	"changed_since" timestamp with time zone,
	"epoch" integer DEFAULT 0 NOT NULL,
	"stop" text,
	"problem" text,
	"read" bigint DEFAULT 0 NOT NULL,
	"filtered_out" bigint DEFAULT 0 NOT NULL,
	"duplicates" bigint DEFAULT 0 NOT NULL,
	"created" bigint DEFAULT 0 NOT NULL,
	"updated" bigint DEFAULT 0 NOT NULL,
	"unchanged" bigint DEFAULT 0 NOT NULL,
	"skipped" bigint DEFAULT 0 NOT NULL,
	"failed" bigint DEFAULT 0 NOT NULL,
	"progress_done" bigint DEFAULT 0 NOT NULL,
	"progress_total" bigint,
	"phase_started_at" timestamp with time zone,
	"filter_cursor" text,
	"map_cursor" text,
	"load_round" integer DEFAULT 1 NOT NULL,
	"load_cursor" text
);
--> statement-breakpoint
CREATE TABLE "extract_parts" (
	"execution_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"cursor" jsonb,
	"records" bigint DEFAULT 0 NOT NULL,
	"total" bigint,
	CONSTRAINT "extract_parts_execution_id_part_pk" PRIMARY KEY("execution_id","part")
);
--> statement-breakpoint
CREATE TABLE "later_rounds" (
	"staged_on" date NOT NULL,
	"execution_id" uuid NOT NULL,
	"sort_key" text collate "C" NOT NULL,
	"round" integer NOT NULL,
	CONSTRAINT "later_rounds_staged_on_execution_id_sort_key_pk" PRIMARY KEY("staged_on","execution_id","sort_key")
) PARTITION BY RANGE ("staged_on");
--> statement-breakpoint
CREATE TABLE "load_batches" (
	"batch_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"execution_id" uuid NOT NULL,
	"operation" text NOT NULL,
	"round" integer NOT NULL,
	"state" text DEFAULT 'planned' NOT NULL,
	"handle" jsonb,
	"records" integer NOT NULL,
	"attempt" integer DEFAULT 1 NOT NULL,
	"planned_at" timestamp with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp with time zone,
	"settled_at" timestamp with time zone,
	"ask_again_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "mapped_records" (
	"staged_on" date NOT NULL,
	"execution_id" uuid NOT NULL,
	"round" integer NOT NULL,
	"sort_key" text collate "C" NOT NULL,
	"source_id" text NOT NULL,
	"match_key" text,
	"body" text NOT NULL,
	CONSTRAINT "mapped_records_staged_on_execution_id_round_sort_key_pk" PRIMARY KEY("staged_on","execution_id","round","sort_key")
) PARTITION BY RANGE ("staged_on");
--> statement-breakpoint
CREATE TABLE "outcomes" (
	"execution_id" uuid NOT NULL,
	"sort_key" text collate "C" NOT NULL,
	"source_id" text NOT NULL,
	"match_key" text,
	"outcome" text NOT NULL,
	"reason" text,
	"message" text,
	"field" text,
	"destination_id" text,
	CONSTRAINT "outcomes_execution_id_sort_key_pk" PRIMARY KEY("execution_id","sort_key")
);
--> statement-breakpoint
CREATE TABLE "staged_records" (
	"staged_on" date NOT NULL,
	"execution_id" uuid NOT NULL,
	"sort_key" text collate "C" NOT NULL,
	"source_id" text NOT NULL,
	"match_key" text,
	"created_at" timestamp with time zone,
	"updated_at" timestamp with time zone,
	"body" text NOT NULL,
	CONSTRAINT "staged_records_staged_on_execution_id_sort_key_pk" PRIMARY KEY("staged_on","execution_id","sort_key")
) PARTITION BY RANGE ("staged_on");
--> statement-breakpoint
CREATE TABLE "sync_records" (
	"sync_id" uuid NOT NULL,
	"sort_key" text collate "C" NOT NULL,
	"source_id" text NOT NULL,
	"match_key" text,
	"created_at" timestamp with time zone,
	"updated_at" timestamp with time zone,
	"destination_id" text,
	"due" boolean DEFAULT false NOT NULL,
	CONSTRAINT "sync_records_sync_id_sort_key_pk" PRIMARY KEY("sync_id","sort_key")
);
--> statement-breakpoint
ALTER TABLE "sync_versions" ADD CONSTRAINT "sync_versions_sync_id_syncs_sync_id_fk" FOREIGN KEY ("sync_id") REFERENCES "public"."syncs"("sync_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sync_wishes" ADD CONSTRAINT "sync_wishes_sync_id_syncs_sync_id_fk" FOREIGN KEY ("sync_id") REFERENCES "public"."syncs"("sync_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "executions" ADD CONSTRAINT "executions_sync_id_syncs_sync_id_fk" FOREIGN KEY ("sync_id") REFERENCES "public"."syncs"("sync_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "extract_parts" ADD CONSTRAINT "extract_parts_execution_id_executions_execution_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "load_batches" ADD CONSTRAINT "load_batches_execution_id_executions_execution_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_execution_id_executions_execution_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sync_records" ADD CONSTRAINT "sync_records_sync_id_syncs_sync_id_fk" FOREIGN KEY ("sync_id") REFERENCES "public"."syncs"("sync_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_by_time" ON "audit" USING btree ("at","audit_id");--> statement-breakpoint
CREATE UNIQUE INDEX "connections_name" ON "connections" USING btree ("name");--> statement-breakpoint
CREATE INDEX "sync_wishes_undelivered" ON "sync_wishes" USING btree ("asked_at") WHERE delivered_at is null;--> statement-breakpoint
CREATE INDEX "syncs_by_status" ON "syncs" USING btree ("status");--> statement-breakpoint
CREATE INDEX "syncs_by_age" ON "syncs" USING btree ("created_at","sync_id");--> statement-breakpoint
CREATE UNIQUE INDEX "executions_by_number" ON "executions" USING btree ("sync_id","number");--> statement-breakpoint
CREATE INDEX "executions_running" ON "executions" USING btree ("state") WHERE state = 'running';--> statement-breakpoint
CREATE INDEX "load_batches_unsettled" ON "load_batches" USING btree ("execution_id") WHERE state <> 'settled';--> statement-breakpoint
CREATE INDEX "outcomes_by_kind" ON "outcomes" USING btree ("execution_id","outcome","sort_key");--> statement-breakpoint
CREATE INDEX "sync_records_by_key" ON "sync_records" USING btree ("sync_id","match_key");
--> statement-breakpoint
-- Creates the partitions of the days from `first` to `last` in every table that is filed by day.
CREATE FUNCTION create_day_partitions(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE day date; parent text;
BEGIN
	-- two processes that start at once would otherwise collide in the catalogue
	PERFORM pg_advisory_xact_lock(hashtext('day_partitions'));
	FOR day IN SELECT generate_series(first, last, interval '1 day')::date LOOP
		FOREACH parent IN ARRAY ARRAY['staged_records', 'later_rounds', 'mapped_records', 'batch_plans'] LOOP
			EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
				parent || to_char(day, '_YYYYMMDD'), parent, day, day + 1);
		END LOOP;
	END LOOP;
END $$;
--> statement-breakpoint
-- Drops the partitions of all days before `first_kept`. Returns how many tables went.
CREATE FUNCTION drop_day_partitions(first_kept date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE child record; dropped integer := 0;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('day_partitions'));
	FOR child IN
		SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
		WHERE p.relname IN ('staged_records', 'later_rounds', 'mapped_records', 'batch_plans')
			AND to_date(right(c.relname, 8), 'YYYYMMDD') < first_kept
	LOOP
		EXECUTE format('DROP TABLE %I', child.relname);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END $$;
