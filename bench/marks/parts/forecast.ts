import type { Route } from '../../peers/ours';
import { atMost, type Mark } from '../mark';
import { sumOf } from '../measured-run';
import type { Bench, Part } from '../part';
import { WaitingSync } from '../waiting-sync';

/** Of a million: Marketo takes five calls a second, two for each 300 people, and a preview makes half of them too. */
const RECORDS = 60_000;
const RECORDS_A_CALL = 300;

const ROUTES = {
  intoMarketo: { from: 'salesforce/default', to: 'marketo/target' },
  fromMarketo: { from: 'marketo/default', to: 'salesforce/target' },
} as const satisfies Record<string, Route>;

const marksOf = (text: string, name: keyof typeof ROUTES): Mark[] => [
  {
    what: `calls ${text}: by how much the forecast is wrong`,
    figure: `${name}Error`,
    unit: '%',
    digits: 1,
    goal: atMost(2),
  },
  { what: `calls ${text}: forecast`, figure: `${name}Forecast`, unit: '' },
  { what: `calls ${text}: made`, figure: `${name}Made`, unit: '' },
];

/** What a preview foretells, and what the run then takes. */
export const forecasts: Part = {
  name: 'forecast',
  marks: [
    ...marksOf('Marketo → Salesforce', 'fromMarketo'),
    ...marksOf('Salesforce → Marketo', 'intoMarketo'),
    {
      what: 'Marketo calls above two for each 300 records written',
      figure: 'marketoSurplus',
      unit: '%',
      digits: 1,
      goal: atMost(1),
    },
  ],
  measure: (session) =>
    session.withPeople(session.scaled(RECORDS), ['salesforce/default', 'marketo/default'], (bench) =>
      session.eachRun(async () => {
        const [from, into] = [await foretold(bench, 'fromMarketo'), await foretold(bench, 'intoMarketo')];
        const least = 2 * Math.ceil(bench.vendors.people / RECORDS_A_CALL);
        const marketoSurplus = (into.madeAtTarget / least - 1) * 100;
        return {
          figures: { ...from.figures, ...into.figures, marketoSurplus },
          details: { ...from.details, ...into.details },
        };
      }),
    ),
};

async function foretold(bench: Bench, name: keyof typeof ROUTES) {
  const { from, to } = ROUTES[name];
  await bench.vendors.empty(to);
  const sync = await WaitingSync.activate(bench, { from, to });
  const { forecast } = await bench.everything.preview(sync.syncId);
  await bench.everything.untilMarketoForgets();
  const { calls, made } = await sync.run();
  const foreseen = forecast.source.apiCalls + forecast.destination.apiCalls;
  return {
    figures: {
      [`${name}Error`]: Math.abs(foreseen / made - 1) * 100,
      [`${name}Forecast`]: foreseen,
      [`${name}Made`]: made,
    },
    details: {
      ...Object.fromEntries(calls),
      [`forecast of ${from}`]: forecast.source.apiCalls,
      [`forecast of ${to}`]: forecast.destination.apiCalls,
    },
    madeAtTarget: sumOf(calls, (endpoint) => endpoint.startsWith(`${to} `) && !endpoint.endsWith('/oauth/token')),
  };
}
