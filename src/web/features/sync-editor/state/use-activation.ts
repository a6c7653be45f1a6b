import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { isConsent } from '../../../../domain/suggest-mappings';
import { useConfirm } from '../../../components/confirm';
import { ApiProblem } from '../../../lib/api';
import { useEditor } from './editor-context';

/** Sets the sync that is edited to work. A second call while one is on its way is none. */
export function useActivation() {
  const { form, destination, tell, reload } = useEditor();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const isBusy = useRef(false);
  const [isShownBusy, setShownBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const consent = (destination.object?.fields ?? []).filter(
    (field) => isConsent(field) && form.mappings.some(({ to }) => to === field.name),
  );
  const isMeant = () => {
    if (consent.length === 0) return true;
    const names = consent.map(({ label }) => label).join(', ');
    return confirm({
      title: 'Write what people have agreed to?',
      text: `The mapping writes ${names}, over what the destination has. Go on only if the source is the one that is right.`,
      action: 'Write it',
    });
  };
  /**
   * Asks first where consent is written.
   * @param start does it; false where that was not possible, which is told elsewhere
   * @returns whether the sync is active now
   */
  const activate = async (start: () => Promise<boolean>): Promise<boolean> => {
    if (isBusy.current || !(await isMeant())) return false;
    isBusy.current = true;
    setShownBusy(true);
    setProblem(null);
    try {
      if (!(await start())) return false;
      await reload();
      await queries.invalidateQueries({ queryKey: ['syncs'] });
      return true;
    } catch (failure) {
      tell(failure);
      if (!(failure instanceof ApiProblem) || failure.errors.length === 0) setProblem(failure);
      return false;
    } finally {
      isBusy.current = false;
      setShownBusy(false);
    }
  };
  return { activate, isBusy: isShownBusy, problem };
}
