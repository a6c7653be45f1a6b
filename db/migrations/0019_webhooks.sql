CREATE TABLE "webhook_deliveries" (
	"delivery_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"webhook_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"sync_id" uuid,
	"position" bigint GENERATED ALWAYS AS IDENTITY (sequence name "webhook_deliveries_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"state" text DEFAULT 'waiting' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now(),
	"announced_at" timestamp with time zone,
	"last_attempt_at" timestamp with time zone,
	"status" integer,
	"problem" text,
	"answer" text,
	"duration_ms" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"event_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"type" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"sync_id" uuid,
	"sync_name" text,
	"sync_status" text,
	"sync_problem" text,
	"execution" jsonb,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"once_key" text,
	CONSTRAINT "webhook_events_once_key_unique" UNIQUE("once_key")
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"webhook_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"sync_ids" uuid[],
	"failure_percent" integer DEFAULT 5 NOT NULL,
	"is_enabled" boolean DEFAULT true NOT NULL,
	"off_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_until" timestamp with time zone,
	"failing_since" timestamp with time zone,
	"failures_in_row" integer DEFAULT 0 NOT NULL,
	"hold_until" timestamp with time zone,
	"last_delivered_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_event_id_webhook_events_event_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."webhook_events"("event_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_by_webhook" ON "webhook_deliveries" USING btree ("webhook_id","position");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_of_event" ON "webhook_deliveries" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_waiting" ON "webhook_deliveries" USING btree ("next_attempt_at") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_in_order" ON "webhook_deliveries" USING btree ("webhook_id","sync_id","position") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_ended" ON "webhook_deliveries" USING btree ("ended_at");--> statement-breakpoint
CREATE INDEX "webhook_events_by_time" ON "webhook_events" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "webhooks_name" ON "webhooks" USING btree ("name");--> statement-breakpoint
-- Tells the webhooks that listen of something: the event, and its way to each of them. Where nobody listens, nothing is written.
-- `threshold`: only those that have set this share of failures. `key`: what was told under it is not told again.
CREATE FUNCTION tell_webhooks(told text, of_sync uuid, execution jsonb, more jsonb, key text, threshold integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE made uuid;
BEGIN
  IF NOT EXISTS (SELECT FROM webhooks w WHERE w.is_enabled AND told = ANY (w.events)
    AND (w.sync_ids IS NULL OR of_sync = ANY (w.sync_ids)) AND (threshold IS NULL OR w.failure_percent = threshold)) THEN
    RETURN;
  END IF;
  INSERT INTO webhook_events (type, sync_id, sync_name, sync_status, sync_problem, execution, details, once_key)
    SELECT told, s.sync_id, s.name, s.status, s.problem, tell_webhooks.execution, more, key FROM syncs s WHERE s.sync_id = of_sync
    ON CONFLICT (once_key) DO NOTHING RETURNING event_id INTO made;
  IF made IS NULL THEN RETURN; END IF;
  INSERT INTO webhook_deliveries (webhook_id, event_id, sync_id)
    SELECT w.webhook_id, made, of_sync FROM webhooks w WHERE w.is_enabled AND told = ANY (w.events)
    AND (w.sync_ids IS NULL OR of_sync = ANY (w.sync_ids)) AND (threshold IS NULL OR w.failure_percent = threshold);
END $$;
--> statement-breakpoint
CREATE FUNCTION tell_of_sync() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_webhooks('sync.statusChanged', NEW.sync_id, NULL, jsonb_build_object('from', OLD.status, 'to', NEW.status), NULL, NULL);
  IF NEW.status = 'needsAttention' THEN
    PERFORM tell_webhooks('sync.needsAttention', NEW.sync_id, NULL, jsonb_build_object('problem', NEW.problem), NULL, NULL);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- by the database, not by each statement that changes a status: none is forgotten, and workers of the release before tell as well
CREATE TRIGGER syncs_tell_webhooks AFTER UPDATE ON syncs FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION tell_of_sync();
--> statement-breakpoint
-- A share is judged once so many records have come to their end that it says something, or the execution has.
CREATE FUNCTION tell_of_execution() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  loaded bigint := NEW.created + NEW.updated + NEW.unchanged + NEW.skipped + NEW.failed;
  threshold integer;
BEGIN
  IF NEW.failed > 0 AND (loaded >= 100 OR NEW.state <> 'running') THEN
    FOR threshold IN
      SELECT DISTINCT failure_percent FROM webhooks w
      WHERE w.is_enabled AND 'execution.failuresPassed' = ANY (w.events) AND NEW.failed * 100 > w.failure_percent * loaded
    LOOP
      PERFORM tell_webhooks('execution.failuresPassed', NEW.sync_id, to_jsonb(NEW),
        jsonb_build_object('percent', threshold, 'failed', NEW.failed, 'of', loaded),
        'failures/' || NEW.execution_id || '/' || threshold, threshold);
    END LOOP;
  END IF;
  IF NEW.state <> 'running' THEN
    PERFORM tell_webhooks('execution.ended', NEW.sync_id, to_jsonb(NEW), '{}', NULL, NULL);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER executions_tell_webhooks AFTER UPDATE ON executions FOR EACH ROW
  WHEN (NEW.purpose = 'run' AND OLD.state = 'running' AND (NEW.state <> 'running' OR NEW.failed > OLD.failed))
  EXECUTE FUNCTION tell_of_execution();
--> statement-breakpoint
CREATE FUNCTION tell_of_missed_execution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_webhooks('execution.missed', NEW.sync_id, to_jsonb(NEW), '{}', NULL, NULL);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER missed_executions_tell_webhooks AFTER INSERT ON executions FOR EACH ROW
  WHEN (NEW.purpose = 'run' AND NEW.state = 'missed') EXECUTE FUNCTION tell_of_missed_execution();
