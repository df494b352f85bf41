/** Spellings that lead, or once led some parser, away from here; and what is no path at all. */
// biome-ignore format: a table is read by column
export const ELSEWHERE: readonly string[] = [
  '', ' ', '.', '..', 'profile', './profile', '../profile', '?next', '#top',
  'https://evil.test', 'https://evil.test/', 'HTTPS://EVIL.TEST', 'http:evil.test', 'https:/evil.test', 'https:evil.test', 'https:///evil.test',
  '//evil.test', '///evil.test', '////evil.test', '//evil.test/%2e%2e', '//', '///', '//auth.example.com', '//auth.example.com@evil.test',
  'https://auth.example.com', 'https://auth.example.com/profile', 'https://auth.example.com@evil.test', 'https://auth.example.com.evil.test',
  'auth.example.com', 'auth.example.com/profile', '@evil.test', ':evil.test',
  '/\\evil.test', '\\/evil.test', '\\\\evil.test', '\\evil.test', '/\\/evil.test', '/\\\\evil.test', '/profile\\..', '/a\\b',
  '/\t/evil.test', '/\n/evil.test', '/\r/evil.test', '/\r\n/evil.test', '\t//evil.test', '\n//evil.test', ' //evil.test', '/ /evil.test', '/\u0000/evil.test',
  '/\u000b/evil.test', '/\f/evil.test', '/\u0085/evil.test', '/\u00a0/evil.test', '/\u2028/evil.test', '/\u2029/evil.test', '/\u3000/evil.test', '/\ufeff/evil.test',
  '/\u200b/evil.test', '/\u202e/evil.test', '/\u2066evil.test', '/\u00ad/evil.test', '/\ud800', '/\udfff/x',
  '/.//evil.test', '/..//evil.test', '/./..//evil.test', '/a/..//evil.test', '/%2e//evil.test', '/%2E%2e//evil.test', '/a/%2e%2e//evil.test', '/.%2e//evil.test',
  'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'blob:https://auth.example.com/1', 'file:///etc/passwd', 'about:blank',
  '/profile\r\nSet-Cookie: a=b', '/profile\nLocation: //evil.test', '/profile ', ' /profile', '/pro file',
  `/${'a'.repeat(2048)}`, `/?${'é'.repeat(1000)}`,
]
