/* Of <pthread.h>, which hides it without _GNU_SOURCE. Nothing is included here: the compiler would take the types of the system's
   headers for this module's, and refuse their members to every file that does not import it. */
int pthread_setname_np(unsigned long thread, const char *name);
