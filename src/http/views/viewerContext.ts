import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Principal } from '../context.ts';
import type { Flash } from '../flash.ts';

/** What every part of a page may want to know about the look at it. */
export interface ViewerContext {
  now: Date;
  principal: Principal | null;
  /** People sign in here, instead of being the local developer. */
  signInSet: boolean;
  /** The token for forms; null where the reader may post nothing. */
  csrf: string | null;
  may: { operate: boolean; administer: boolean };
  flash: Flash | null;
}

export const ViewingContext = createContext<ViewerContext>({
  now: new Date(0),
  principal: null,
  signInSet: false,
  csrf: null,
  may: { operate: false, administer: false },
  flash: null,
});

export const useViewer = (): ViewerContext => useContext(ViewingContext);
