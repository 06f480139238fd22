import * as z from 'zod/mini';

// The page's content policy forbids making code from text; without this zod would try, and be reported for it.
// This has to be loaded before any schema is made.
z.config({ jitless: true });
