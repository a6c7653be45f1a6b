import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

type Announce = (text: string) => void;

const Context = createContext<Announce>(() => undefined);

/** Tells what has been done to people who do not see it. */
export const useAnnounce = (): Announce => useContext(Context);

/** The place that `useAnnounce` writes to. */
export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ text: '', count: 0 });
  // the same words a second time are another text to the reader
  const announce = useCallback<Announce>((text) => setSaid(({ count }) => ({ text, count: count + 1 })), []);
  return (
    <Context.Provider value={announce}>
      {children}
      <div role="status" className="visually-hidden">
        <span key={said.count}>{said.text}</span>
      </div>
    </Context.Provider>
  );
}
