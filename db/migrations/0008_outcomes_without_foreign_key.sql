ALTER TABLE "outcomes" DROP CONSTRAINT "outcomes_execution_id_executions_execution_id_fk";
--> statement-breakpoint
-- Outcomes go with their execution, as they did by the foreign key.
CREATE FUNCTION delete_outcomes_of_gone_executions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM outcomes o USING gone WHERE o.execution_id = gone.execution_id;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER outcomes_go_with_executions AFTER DELETE ON executions
	REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION delete_outcomes_of_gone_executions();
