/**
 * What to ask about a picture: points, boxes and masks from options, and files of boxes as COCO, LabelMe, Pascal VOC,
 * YOLO and tables have them.
 */
package dev.sam2j.cli.prompts;
