import { SingleBar } from 'cli-progress';
import type { ExecutionAnswer } from '../api/schemas/executions';
import type { Printer } from './print';
import type { World } from './world';

/** Shows how far an execution is. */
export interface ProgressView {
  show(execution: ExecutionAnswer): void;
  stop(): void;
}

/** A bar that moves where a person sits, a line for each phase elsewhere, and each state as a line of JSON where that is wanted. */
export function progressView(world: World, print: Printer): ProgressView {
  if (print.isJson) return { show: (execution) => print.line(execution), stop: () => undefined };
  return world.isInteractive ? barView(world) : phaseView(print);
}

function barView({ messages }: World): ProgressView {
  const bar = new SingleBar({
    format: '{phase} {bar} {done} {pace}',
    stream: messages,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    emptyOnZero: true,
  });
  bar.start(0, 0, { phase: 'waits', done: '', pace: '' });
  return {
    show(execution) {
      const { done, total, perSecond, secondsLeft } = execution.progress;
      bar.setTotal(total ?? 0);
      bar.update(total === null ? 0 : Math.min(done, total), {
        phase: (execution.phase ?? execution.state).padEnd(8),
        done: ofAll(execution.progress),
        pace: [
          perSecond === null ? '' : `${Math.round(perSecond)}/s`,
          secondsLeft === null ? '' : `${secondsLeft} s left`,
        ]
          .filter((part) => part !== '')
          .join(', '),
      });
    },
    stop: () => bar.stop(),
  };
}

const ofAll = ({ done, total }: ExecutionAnswer['progress']): string =>
  total === null ? `${done}` : `${done} of ${total}`;

function phaseView(print: Printer): ProgressView {
  let last = '';
  return {
    show({ number, phase, state, progress }) {
      const doing = state === 'running' ? (phase ?? 'waits') : state;
      // how many a phase deals with is not known when it begins
      const records = progress.done > 0 ? `, ${ofAll(progress)} records` : '';
      if (doing !== last) print.message(`Execution ${number}: ${doing}${records}`);
      last = doing;
    },
    stop: () => undefined,
  };
}
