import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { spellInvisible } from './spellInvisible.ts';
import { type PassingTime, passingText } from './views/time.tsx';
import { type Viewer, ViewerContext } from './views/viewerContext.ts';

/** Parts of pages that are rendered once and kept as long as the object that they show. */
export interface Fragments {
  /**
   * The HTML of `content`. Parts of the same object with the same `variant` must not differ before `until` (milliseconds
   * since 1970), except for relative times, which are rendered each time.
   */
  html(of: object, variant: string, viewer: Viewer, render: () => { content: VNode; until: number }): string;
}

interface Fragment {
  pieces: Piece[];
  until: number;
}

/** HTML, or a time that passes. */
type Piece = string | { kind: PassingTime; at: string };

export function createFragments(): Fragments {
  // The entries end with their object.
  const kept = new WeakMap<object, Map<string, Fragment>>();
  return {
    html(of, variant, viewer, render) {
      const variants = kept.get(of) ?? new Map<string, Fragment>();
      kept.set(of, variants);
      let fragment = variants.get(variant);
      if (fragment === undefined || fragment.until <= viewer.now.getTime()) {
        const { content, until } = render();
        fragment = { pieces: piecesOf(renderFor(viewer, content)), until };
        variants.set(variant, fragment);
      }
      let html = '';
      for (const piece of fragment.pieces) {
        html += typeof piece === 'string' ? piece : passingText(piece.kind, piece.at, viewer.now);
      }
      return html;
    },
  };
}

/** All HTML of the console is rendered here, so that no page shows text in another order than it has. */
export function renderFor(viewer: Viewer, content: VNode): string {
  return spellInvisible(renderToString(<ViewerContext.Provider value={viewer}>{content}</ViewerContext.Provider>));
}

/** The elements that times.js keeps current in the browser. Text from elsewhere is escaped, so it never looks like one. */
const PASSING = /(<time datetime="([^"]*)"[^>]* data-relative="(ago|for)">)[^<]*/g;

function piecesOf(html: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: match, 1: tag = '', 2: at = '', 3: kind, index } of html.matchAll(PASSING)) {
    if (Number.isNaN(Date.parse(at))) continue;
    pieces.push(html.slice(end, index + tag.length), { kind: kind as PassingTime, at });
    end = index + match.length;
  }
  return [...pieces, html.slice(end)];
}
