CREATE TABLE "corrections" (
	"execution_id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"cells" text NOT NULL,
	CONSTRAINT "corrections_execution_id_source_id_pk" PRIMARY KEY("execution_id","source_id")
);
--> statement-breakpoint
CREATE TABLE "follow_ups" (
	"execution_id" uuid PRIMARY KEY NOT NULL,
	"origin_id" uuid NOT NULL,
	"reasons" jsonb,
	"source_ids" jsonb
);
--> statement-breakpoint
CREATE TABLE "given_up_records" (
	"execution_id" uuid NOT NULL,
	"sort_key" text collate "C" NOT NULL,
	"by" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "given_up_records_execution_id_sort_key_pk" PRIMARY KEY("execution_id","sort_key")
);
--> statement-breakpoint
ALTER TABLE "corrections" ADD CONSTRAINT "corrections_execution_id_executions_execution_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follow_ups" ADD CONSTRAINT "follow_ups_execution_id_executions_execution_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follow_ups" ADD CONSTRAINT "follow_ups_origin_id_executions_execution_id_fk" FOREIGN KEY ("origin_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "given_up_records" ADD CONSTRAINT "given_up_records_execution_id_executions_execution_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "follow_ups_by_origin" ON "follow_ups" USING btree ("origin_id");