"""Delivery reports as servers write them."""

POSTFIX = b"""\
Return-Path: <>
From: MAILER-DAEMON@mail.isp-bedfordshire.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: concordat@isp-bedfordshire.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B.1"

--B.1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B.1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.isp-bedfordshire.example
X-Postfix-Queue-ID: 4F1
Arrival-Date: Fri, 26 Feb 2027 09:00:02 +0000 (GMT)

Final-Recipient: rfc822; lead@party-0.example
Original-Recipient: rfc822;lead@party-0.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.party-0.example
Diagnostic-Code: smtp; 550 5.1.1 <lead@party-0.example>: Recipient address
    rejected: User unknown

--B.1
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: concordat@isp-bedfordshire.example
To: lead@party-0.example
Message-ID: %(message_id)s
Subject: Reminder

--B.1--
"""

EXCHANGE = b"""\
From: <postmaster@trust.example>
To: <concordat@isp-bedfordshire.example>
Subject: Undeliverable: Reminder
Content-Type: multipart/report; report-type=delivery-status; boundary="X"

--X
Content-Type: text/html; charset="utf-8"

<p>Your message couldn't be delivered.</p>
--X
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR02.eurprd02.prod.outlook.example

Final-Recipient: rfc822;lead@party-0.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--X
Content-Type: message/rfc822

From: concordat@isp-bedfordshire.example
To: lead@party-0.example
Message-ID:
 %(message_id)s
Subject: Reminder

Hello
--X--
"""

DELAYED = POSTFIX.replace(b"Action: failed", b"Action: delayed").replace(b"Status: 5.1.1", b"Status: 4.4.1")
EXPIRED = POSTFIX.replace(b"Status: 5.1.1", b"Status: 4.4.7")


def about(report: bytes, message_id: str) -> bytes:
    return report.replace(b"%(message_id)s", message_id.encode())
