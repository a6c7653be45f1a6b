CREATE TABLE "connection_sign_ins" (
	"connection_id" uuid PRIMARY KEY NOT NULL,
	"settings_version" integer NOT NULL,
	"state" jsonb NOT NULL,
	"session" text,
	"version" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "instance_limits" (
	"instance" text PRIMARY KEY NOT NULL,
	"state" jsonb NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "settings_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "connection_sign_ins" ADD CONSTRAINT "connection_sign_ins_connection_id_connections_connection_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("connection_id") ON DELETE cascade ON UPDATE no action;