import { linesIn, readYaml, UnreadableYaml } from '../../yaml/yaml';
import { Problem } from '../problem';

/** Finds where members of a body stand. */
export interface FileText {
  /** The same problems, each with its line in the file (from 1); null where none is known. */
  withLines<Found extends { path: string }>(problems: readonly Found[]): Promise<(Found & { line: number | null })[]>;
}

/** A body that is no file. */
export const NO_FILE: FileText = {
  withLines: async (problems) => problems.map((problem) => ({ ...problem, line: null })),
};

/**
 * Reads a file of definitions, YAML or JSON.
 * @throws Problem 400 that says in which line it cannot be read
 */
export async function readFileText(text: string): Promise<{ value: unknown; file: FileText }> {
  try {
    return { value: await readYaml(text), file: { withLines: (problems) => withLines(text, problems) } };
  } catch (error) {
    if (!(error instanceof UnreadableYaml)) throw error;
    const details = error.line === null ? [] : [{ path: '', message: error.reason, line: error.line }];
    throw new Problem(400, `The file is neither YAML nor JSON as it is taken here: ${error.message}.`, details);
  }
}

async function withLines<Found extends { path: string }>(text: string, problems: readonly Found[]) {
  const lines = await linesIn(
    text,
    problems.map(({ path }) => path),
  );
  return problems.map((problem, at) => ({ ...problem, line: lines[at] ?? null }));
}
