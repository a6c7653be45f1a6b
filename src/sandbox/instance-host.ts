import { rmSync } from 'node:fs';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import express from 'express';
import type { Certificate } from './certificate';
import type { Clock, Credentials, VendorInstance, VendorKind, WriteLogEntry } from './core';
import { endpointName } from './endpoint-name';
import { vendorErrorAnswer } from './fault-answers';
import { faultMiddleware } from './fault-middleware';
import { createFaultSet, type Fault, type FaultInput, type FaultSet } from './faults';
import {
  type EndpointCounter,
  type InstanceState,
  openInstanceState,
  type ViolationCount,
  type WriteLogQuery,
} from './instance-core';
import { createInternalDoor, type InternalDoor } from './internal-door';
import { createLateEffects, type LateEffects } from './late-effects';
import { type Listener, MAX_HEADER_BYTES, startListener } from './listener';

/** Something that must never happen: the sandbox itself failed at a request. */
export interface Defect {
  instance: string;
  method: string;
  url: string;
  error: unknown;
}

export interface InstanceHostOptions<Vendor extends VendorInstance> {
  kind: VendorKind;
  name: string;
  /** Path of the SQLite file. */
  file: string;
  clock: Clock;
  random: () => number;
  host: string;
  port: number;
  /** Absent: no TLS. */
  tls?: { port: number; certificate: Certificate } | undefined;
  initialFaults: readonly Fault[];
  createVendor(state: InstanceState): Vendor;
  /** Called whenever the faults have changed. */
  onFaultsChange(faults: Fault[]): void;
  onDefect(defect: Defect): void;
}

/** One instance of a vendor on its own port, with its state, faults and counters. */
export interface InstanceHost<Vendor extends VendorInstance = VendorInstance> {
  readonly kind: VendorKind;
  readonly name: string;
  readonly url: string;
  readonly tlsUrl: string | undefined;
  readonly ports: { plain: number; tls: number | undefined };
  readonly credentials: Credentials;
  /** The vendor's behaviour; another one after a reset. */
  readonly vendor: Vendor;
  readonly state: InstanceState;
  readonly faults: FaultSet;
  readonly lateEffects: LateEffects;
  /** @throws ZodError when it is no fault */
  addFault(fault: FaultInput): Fault;
  clearFaults(): void;
  writeLog(query?: WriteLogQuery): WriteLogEntry[];
  counters(): EndpointCounter[];
  violations(): ViolationCount[];
  /** Forgets everything: records, sessions, jobs, declarations, write log, counters and faults. */
  reset(): void;
  close(): Promise<void>;
}

interface Living<Vendor> {
  state: InstanceState;
  vendor: Vendor;
  lateEffects: LateEffects;
}

export async function startInstance<Vendor extends VendorInstance>(
  options: InstanceHostOptions<Vendor>,
): Promise<InstanceHost<Vendor>> {
  const { kind, name, file, clock, random, host, tls } = options;
  const label = `${kind}/${name}`;
  let living: Living<Vendor> | undefined;
  const alive = (): Living<Vendor> => {
    if (!living) throw new Error(`The instance ${label} has not started yet or has ended`);
    return living;
  };
  const vendorHandler: RequestHandler = (request, response, next) => alive().vendor.router(request, response, next);
  const lastResort = defectHandler(label, kind, options.onDefect);
  const door = createInternalDoor(express.Router().use(vendorHandler, lastResort), { maxHeaderSize: MAX_HEADER_BYTES });

  const app = express().disable('x-powered-by').disable('etag');
  const listeners: Listener[] = [];
  const faults = createFaultSet(clock, random, () => onFaultsChange(), options.initialFaults);
  const followOutage = (): void => {
    const deaf = faults.isOutage();
    for (const listener of listeners)
      void (deaf ? listener.close() : listener.listen()).catch((error: unknown) => {
        options.onDefect({ instance: label, method: 'LISTEN', url: String(listener.port), error });
      });
  };
  function onFaultsChange(): void {
    options.onFaultsChange(faults.list());
    followOutage();
  }

  app.use(countRequests(() => living?.state));
  app.use((request, response, next) => {
    const { admission } = alive().vendor;
    if (admission) admission(request, response, next);
    else next();
  });
  app.use((request, response, next) =>
    faultMiddleware({
      kind,
      faults,
      clock,
      random,
      door,
      lateEffects: alive().lateEffects,
      vendor: () => alive().vendor,
    })(request, response, next),
  );
  app.use(vendorHandler, lastResort);

  const plain = await startListener(app, host, options.port);
  listeners.push(plain);
  let secure: Listener | undefined;
  try {
    secure = tls && (await startListener(app, host, tls.port, tls.certificate));
    if (secure) listeners.push(secure);
    const url = `http://${host}:${plain.port}`;
    const live = (): Living<Vendor> => bringToLife(options, url, door, label);
    living = live();
    followOutage();
    return {
      kind,
      name,
      url,
      tlsUrl: secure && `https://${host}:${secure.port}`,
      ports: { plain: plain.port, tls: secure?.port },
      get credentials() {
        return alive().vendor.credentials;
      },
      get vendor() {
        return alive().vendor;
      },
      get state() {
        return alive().state;
      },
      get lateEffects() {
        return alive().lateEffects;
      },
      faults,
      addFault: (fault) => faults.add(fault),
      clearFaults: () => faults.clear(),
      writeLog: (query) => alive().state.writeLog(query),
      counters: () => alive().state.counters(),
      violations: () => alive().state.violations(),
      reset() {
        endLife(alive());
        for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
        faults.clear();
        living = live();
      },
      async close() {
        await Promise.all(listeners.map((listener) => listener.close()));
        await door.close();
        if (living) endLife(living);
        living = undefined;
      },
    };
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

function bringToLife<Vendor extends VendorInstance>(
  { kind, name, file, clock, random, createVendor, onDefect }: InstanceHostOptions<Vendor>,
  url: string,
  door: InternalDoor,
  label: string,
): Living<Vendor> {
  const state = openInstanceState({ kind, name, file, clock, url, random });
  const lateEffects = createLateEffects(state.database, clock, door, (error) =>
    onDefect({ instance: label, method: 'LATE', url: '', error }),
  );
  // its tables are made in one transaction: some hundred of their own take ten times as long
  return { state, vendor: state.database.transaction(() => createVendor(state))(), lateEffects };
}

function endLife({ state, vendor, lateEffects }: Living<VendorInstance>): void {
  lateEffects.stop();
  vendor.stop();
  state.close();
}

function countRequests(state: () => InstanceState | undefined): RequestHandler {
  return (request, response, next) => {
    const endpoint = endpointName(request.method, request.originalUrl);
    response.once('close', () => state()?.countRequest(endpoint, response.writableFinished ? response.statusCode : 0));
    next();
  };
}

/** A defect of the sandbox is answered as the vendor would answer one of its own, and is told to who runs it. */
function defectHandler(label: string, kind: VendorKind, onDefect: (defect: Defect) => void): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    onDefect({ instance: label, method: request.method, url: request.originalUrl, error });
    if (response.headersSent) return void response.socket?.destroy();
    const answer = vendorErrorAnswer(kind, { code: kind === 'salesforce' ? 'UNKNOWN_EXCEPTION' : '611' });
    response.status(answer.status).set(answer.headers).send(JSON.stringify(answer.body));
  };
}
