/*
 * transaction_words.h: what is said to HAProxy about the stores A and B, and
 * what it was heard to answer, for the scripts of the transaction tests.
 */
#ifndef TESTS_UNIT_TRANSACTION_WORDS_H
#define TESTS_UNIT_TRANSACTION_WORDS_H

#define A "/etc/ssl/a.pem"
#define B "/other/b.pem"
#define SET_A "set ssl cert " A " <<\n-----BEGIN\nkey\n\n"
#define COMMIT_A "commit ssl cert " A "\n"
#define ABORT_A "abort ssl cert " A "\n"
#define ABORT_B "abort ssl cert " B "\n"
#define CREATED_A "Transaction created for certificate " A "!\n\n"
#define UPDATED(p) "Transaction updated for certificate " p "!\n\n"
#define ABORTED(p) "Transaction aborted for certificate '" p "'!\n\n"
#define NOTHING_OPEN "No ongoing transaction!\n\n"
#define FOREIGN(p, verb)                                                       \
	"The ongoing transaction is about '" p "' but you are trying to " verb \
	"\n"
#define FOREIGN_B FOREIGN(B, "set '" A "'") "Can't update " A "!\n\n"
#define LOCKED(what)                                                           \
	what "\nOperations on certificates are currently locked!\n\n"
#define SUCCESS_A "Committing " A "..\nSuccess!\n\n"

#define STEP(expect, reply)                                                    \
	{                                                                      \
		expect, reply, FAKE_ANSWER, 0                                  \
	}

#endif
