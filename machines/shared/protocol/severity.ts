export type Severity = 'P1' | 'P2' | 'P3';
