import { useEndInWords, useObjectOf } from '../connections/names';
import type { ComparedVersion, Wording } from './lib/definition-changes';
import { endsOf } from './lib/definition-words';

/** How the ends and fields of versions are called. @param versions undefined for those that are not loaded */
export function useWording(versions: readonly (ComparedVersion | undefined)[]): Wording {
  const ends = versions.flatMap((version) => (version ? endsOf(version.definition) : []));
  return { endInWords: useEndInWords(ends), objectOf: useObjectOf(ends) };
}
