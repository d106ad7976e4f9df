import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Principal } from '../context.ts';
import type { Flash } from '../flash.ts';

/** Who looks at the page, and what they may do. */
export interface Viewer {
  now: Date;
  principal: Principal | null;
  /** People sign in; otherwise every caller is the local developer. */
  signInEnabled: boolean;
  /** The token for forms; null if the viewer may not post any. */
  csrf: string | null;
  may: { operate: boolean; administer: boolean };
  flash: Flash | null;
  /** Pages of the sandbox, if there is one. */
  sandboxPages: readonly { name: string; url: string }[];
}

export const ViewerContext = createContext<Viewer>({
  now: new Date(0),
  principal: null,
  signInEnabled: false,
  csrf: null,
  may: { operate: false, administer: false },
  flash: null,
  sandboxPages: [],
});

export const useViewer = (): Viewer => useContext(ViewerContext);
