ALTER TABLE "mapped_records" ADD COLUMN "put_back" smallint DEFAULT 0 NOT NULL;
