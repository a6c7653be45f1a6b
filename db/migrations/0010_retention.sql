ALTER TABLE "executions" ADD COLUMN "trimmed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "values_gone_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "executions_untrimmed" ON "executions" USING btree ("finished_at") WHERE trimmed_at is null;--> statement-breakpoint
CREATE INDEX "executions_with_values" ON "executions" USING btree ("finished_at") WHERE values_gone_at is null;
--> statement-breakpoint
-- Workers of an earlier release drop partitions by this function alone: it spares days of what has not ended, as newer ones do.
CREATE OR REPLACE FUNCTION drop_day_partitions(first_kept date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE child record; dropped integer := 0;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('day_partitions'));
	FOR child IN
		SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
		WHERE p.relname IN ('staged_records', 'later_rounds', 'mapped_records', 'batch_plans', 'planned_records')
			AND to_date(right(c.relname, 8), 'YYYYMMDD') < first_kept
			AND NOT EXISTS (
				SELECT FROM executions e
				WHERE e.staged_on = to_date(right(c.relname, 8), 'YYYYMMDD') AND e.state <> 'missed'
					AND (e.finished_at IS NULL OR e.finished_at >= first_kept))
	LOOP
		EXECUTE format('DROP TABLE %I', child.relname);
		dropped := dropped + 1;
	END LOOP;
	RETURN dropped;
END $$;
