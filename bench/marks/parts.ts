import type { Part } from './part';
import { besidePeers } from './parts/beside-peers';
import { changedOnly } from './parts/changed-only';
import { fromMarketo, halfThere, intoEmptyOrg } from './parts/copying';
import { forecasts } from './parts/forecast';
import { intoMarketo } from './parts/into-marketo';
import { memory } from './parts/memory';
import { sleeping } from './parts/sleeping';

/** All parts, in the order in which they are measured. */
export const PARTS: readonly Part[] = [
  intoEmptyOrg,
  memory,
  besidePeers,
  fromMarketo,
  halfThere,
  intoMarketo,
  changedOnly,
  forecasts,
  sleeping,
];
