import { ConnectorError } from '../connector-error';
import { SHARE_USED } from '../quota-gate';
import { nextQuotaReset } from './errors';

/** The day's calls as the instance counts them: those of all integrations, and those of the API user that Sync uses. */
export interface Usage {
  total: number;
  byUs: number;
}

/** The usage is asked for after so many calls at first, and then after so many more: four calls in a thousand, but more towards the end. */
const FIRST_LOOK = 20;
const LOOK_EVERY = 250;
/** It is asked for so many calls earlier, more than run at once, so that no call waits for the answer; but a quarter of them at most. */
const LOOK_AHEAD = 15;
const LOOK_AHEAD_PART = 1 / 4;
/** A look comes before this part of what is left is used, since other processes use it as well. */
const PART_OF_LEFT = 1 / 8;

/**
 * Leaves the rest of the day's calls to other integrations once Sync has used its share. Several workers use one API user, so the
 * instance's own count decides; between two looks at it, this process adds its own calls.
 */
export class DailyShare {
  private callsSinceLook = 0;
  private lookAfter = FIRST_LOOK;
  private used = 0;
  private resetsAtMs = 0;
  private looking: Promise<void> | null = null;

  /** @param most calls a day that Sync may make */
  constructor(
    private readonly most: number,
    private readonly now: () => number,
    private readonly look: () => Promise<Usage>,
  ) {}

  /** Counts a call that is about to be made. @throws ConnectorError `whenQuotaResets` once the share is used */
  async count(): Promise<void> {
    if (this.now() >= this.resetsAtMs) this.beginDay();
    if (this.callsSinceLook >= this.lookAfter - Math.min(LOOK_AHEAD, this.lookAfter * LOOK_AHEAD_PART)) {
      const look = this.lookOnce();
      if (this.callsSinceLook >= this.lookAfter) await look;
      else look.catch(() => undefined); // whoever cannot do without it looks again
    }
    if (this.used + this.callsSinceLook >= this.most) {
      await this.lookOnce();
      if (this.used >= this.most) throw this.usedUp();
    }
    this.callsSinceLook += 1;
  }

  private beginDay(): void {
    this.used = 0;
    this.callsSinceLook = 0;
    this.lookAfter = FIRST_LOOK;
    this.resetsAtMs = Date.parse(nextQuotaReset(this.now()));
  }

  private usedUp(): ConnectorError {
    return new ConnectorError(
      `Sync has used its share of the day's Marketo calls (${this.most}). It goes on when they reset, at midnight US Central time, or when the share is raised under Connections.`,
      SHARE_USED,
      { retry: 'whenQuotaResets', resetsAt: nextQuotaReset(this.now()) },
    );
  }

  private async lookOnce(): Promise<void> {
    const before = this.callsSinceLook;
    this.looking ??= this.look()
      .then(({ byUs }) => {
        this.used = byUs;
        // those made meanwhile may be among the instance's or not
        this.callsSinceLook = Math.max(0, this.callsSinceLook - before);
        this.lookAfter = Math.min(LOOK_EVERY, Math.max(FIRST_LOOK, (this.most - byUs) * PART_OF_LEFT));
      })
      .finally(() => {
        this.looking = null;
      });
    await this.looking;
  }
}
