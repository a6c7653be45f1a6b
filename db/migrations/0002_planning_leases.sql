CREATE TABLE "planning_leases" (
	"destination" text PRIMARY KEY NOT NULL,
	"execution_id" uuid NOT NULL,
	"epoch" integer NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "planning_leases" ADD CONSTRAINT "planning_leases_execution_id_executions_execution_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("execution_id") ON DELETE cascade ON UPDATE no action;