import type { VNode } from 'preact';
import { Mrkdwn } from './mrkdwn.tsx';

type Loose = Record<string, unknown>;

/** Renders the kinds of blocks that a notification uses, and the type name of any other block. */
export function Blocks({ blocks }: { blocks: unknown[] }): VNode {
  return (
    <>
      {blocks.map((block, index) => (
        <Block key={index} block={asRecord(block)} />
      ))}
    </>
  );
}

function Block({ block }: { block: Loose }): VNode {
  switch (block.type) {
    case 'header':
      return <h2>{textOf(block.text)}</h2>;
    case 'divider':
      return <hr />;
    case 'section':
      return <Section block={block} />;
    case 'context':
      return (
        <p class="quiet">
          {asList(block.elements).map((element, index) => (
            <span key={index}>
              <Text value={element} />{' '}
            </span>
          ))}
        </p>
      );
    case 'actions':
      return (
        <p class="row">
          {asList(block.elements).map((element, index) => (
            <Button key={index} element={asRecord(element)} />
          ))}
        </p>
      );
    default:
      return <p class="quiet">{`[${String(block.type)}]`}</p>;
  }
}

function Section({ block }: { block: Loose }): VNode {
  const fields = asList(block.fields);
  return (
    <>
      {block.text !== undefined && (
        <div>
          <Text value={block.text} />
        </div>
      )}
      {fields.length > 0 && (
        <div class="facts">
          {fields.map((field, index) => (
            <div key={index}>
              <Text value={field} />
            </div>
          ))}
        </div>
      )}
    </>
  );
}

function Button({ element }: { element: Loose }): VNode {
  const url = String(element.url ?? '');
  const label = textOf(element.text);
  if (!/^https?:\/\//i.test(url)) return <span class="badge">{label}</span>;
  return (
    <a class="badge" href={url} rel="noopener noreferrer nofollow">
      {label}
    </a>
  );
}

/** A text object: Slack markup unless its type is `plain_text`. */
function Text({ value }: { value: unknown }): VNode {
  const isPlain = asRecord(value).type === 'plain_text';
  return isPlain ? <span>{textOf(value)}</span> : <Mrkdwn text={textOf(value)} />;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = asRecord(value).text;
  return typeof text === 'string' ? text : '';
}

function asRecord(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
