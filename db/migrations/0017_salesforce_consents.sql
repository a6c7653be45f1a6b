CREATE TABLE "salesforce_consents" (
	"state_hash" text PRIMARY KEY NOT NULL,
	"begun_by" text NOT NULL,
	"sealed" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
