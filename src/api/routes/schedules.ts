import { describeSchedule, nextRuns, scheduleProblems } from '../../domain/schedule';
import { Problem } from '../problem';
import { route } from '../route';
import { scheduleAnswer, scheduleBody } from '../schemas/schedules';

const SHOWN_RUNS = 10;

export const scheduleRoutes = [
  route({
    method: 'post',
    path: '/schedule',
    summary: 'Say a schedule in words, and tell its next runs',
    description: 'Of a definition that is not saved, or before a change.',
    tag: 'Syncs',
    role: 'viewer',
    body: scheduleBody,
    status: 200,
    answer: scheduleAnswer,
    async handle({ body: { schedule } }, deps) {
      const { timeZone } = deps.settings;
      const problems = scheduleProblems(schedule, deps.now(), timeZone);
      if (problems.length > 0) throw new Problem(422, 'The schedule cannot be kept as it is.', problems);
      return {
        text: describeSchedule(schedule, timeZone),
        nextRuns: nextRuns(schedule, deps.now(), SHOWN_RUNS, timeZone),
      };
    },
  }),
];
