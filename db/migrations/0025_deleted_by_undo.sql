ALTER TABLE "executions" ADD COLUMN "deleted" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE executions e SET deleted = (SELECT count(*) FROM outcomes o WHERE o.execution_id = e.execution_id AND o.outcome = 'updated' AND o.reason = 'deleted') WHERE e.trigger = 'undo' AND e.updated > 0;
