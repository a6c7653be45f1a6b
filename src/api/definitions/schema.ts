import { z } from 'zod';
import { definitionsFile } from '../../domain/definition-file';

/** Where editors find the schema of definitions as files. */
export const SCHEMA_PATH = '/definitions.schema.json';

/** The JSON Schema of a file, from the schemas that check it; of the draft that editors know. */
export const definitionsSchema = (): object => ({
  title: 'Connections and syncs of Sync',
  ...z.toJSONSchema(definitionsFile, { target: 'draft-7', io: 'input' }),
});
