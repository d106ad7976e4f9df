import type { SenderRequest } from './sender.ts';

/**
 * Marks a stored request as a test that the console itself has sent. No sender can set the mark: of its headers only those
 * about the body are stored.
 */
export const TEST_MARK: Readonly<Record<string, string>> = { 'x-console-test': 'true' };

export const isTest = ({ headers }: Pick<SenderRequest, 'headers'>): boolean => headers['x-console-test'] === 'true';
